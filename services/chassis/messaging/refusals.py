"""What Kafka refuses for good: the same message, or the same topic, sent again is refused again."""

from aiokafka.errors import (
    BrokerResponseError,
    ClusterAuthorizationFailedError,
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    InvalidTopicError,
    OutOfOrderSequenceNumber,
    TopicAuthorizationFailedError,
    UnknownProducerId,
    UnknownTopicOrPartitionError,
)

# Mended by the operator, at the topic: its messages wait and keep their order.
_OF_THE_TOPIC = (
    InvalidTopicError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
# A new producer begins anew, another right is given: the message itself is not at fault.
_PASSING = (
    ClusterAuthorizationFailedError,
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    OutOfOrderSequenceNumber,
    UnknownProducerId,
)


def refuses_topic(fault: BaseException) -> bool:
    """Tell whether Kafka takes no message of this topic from this service."""
    return isinstance(fault, _OF_THE_TOPIC)


def refuses_message(fault: BaseException) -> bool:
    """Tell whether Kafka answered that it does not take these messages, as they are."""
    return (
        isinstance(fault, BrokerResponseError)
        and not fault.retriable
        and not isinstance(fault, (*_OF_THE_TOPIC, *_PASSING))
    )
