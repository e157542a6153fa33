"""What every contract event is: a frozen model that knows its type, topic, key and subject."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A part of a body. Unknown fields are ignored, so that a publisher may add some."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        strict=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class ContractEvent(Value):
    """A published fact. Write it with `model_dump_json()`, read it with `model_validate_json()`."""

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    SOURCE: ClassVar[str]
    DATASCHEMA: ClassVar[str]
    KEY: ClassVar[str]
    """The field that is the record's key, or the fixed key itself if there is no such field."""
    SUBJECT: ClassVar[str]
    """The field that holds the aggregate's id, or the fixed subject itself."""
    TOMBSTONE: ClassVar[bool] = False
    """Whether the record's value is null, so that compaction forgets the key."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Derive the source and the schema's address from the type, which each event declares."""
        super().__init_subclass__(**kwargs)  # type: ignore[arg-type]  # pydantic types its config
        if "TYPE" in cls.__dict__:
            cls.SOURCE = f"/bookwith/{cls.TYPE.split('.')[2]}"
            cls.DATASCHEMA = f"bookwith:/contracts/schemas/{cls.TOPIC}/{cls.TYPE}.json"

    @property
    def key(self) -> str:
        """Return the record's key: what the events of a partition are ordered by."""
        return str(getattr(self, self.KEY, self.KEY))

    @property
    def subject(self) -> str:
        """Return the id of the aggregate that the event is about."""
        return str(getattr(self, self.SUBJECT, self.SUBJECT))
