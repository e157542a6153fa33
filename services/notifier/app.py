"""The notifier's composition root: the one place that constructs."""

from contracts.capabilities import ORGANIZER_HEADER
from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process
from services.notifier.api import REFUSALS, Parts, routes
from services.notifier.consumers import SUBSCRIPTIONS
from services.notifier.deliveries import MAIL
from services.notifier.mail import Backoff, MailServer, SmtpConnection
from services.notifier.mail_context import MailContext
from services.notifier.settings import NotifierSettings, address_of
from services.notifier.worker import Worker


def build(settings: NotifierSettings, roles: frozenset[str]) -> Process:
    """Assemble the process."""
    service = Service("notifier", settings, channels=(MAIL,))
    sender = address_of(settings.sender)
    server = MailServer.parse(settings.smtp_url)
    timeout = settings.smtp_timeout_seconds
    context = MailContext(
        database=service.database,
        keys=service.keys,
        public_url=settings.public_url,
        sender=sender,
        brand=settings.brand,
        timeout=timeout,
        notify_relay=service.notify_relay,
    )
    backoff = Backoff()
    worker = Worker(
        context,
        service.signals,
        lambda: SmtpConnection(
            server, local_hostname=sender.domain, timeout=timeout, backoff=backoff
        ),
        senders=settings.mail_senders,
    )
    return service.process(
        roles=roles,
        routers=[routes],
        parts=Parts(
            database=service.database,
            keys=service.keys,
            authenticator=service.authenticator,
            wake_senders=lambda: service.signals.wake(MAIL),
        ),
        refusals=REFUSALS,
        subscriptions=SUBSCRIPTIONS,
        fetch_seconds=0.02,
        wakes=(MAIL,),
        workers=[worker.run],
        token_headers=(ORGANIZER_HEADER,),
    )
