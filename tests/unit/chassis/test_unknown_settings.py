"""Settings that nobody reads are named."""

from services.booking.settings import BookingSettings
from services.chassis.runtime.unknown_settings import unknown_settings
from services.notifier.settings import NotifierSettings


def test_a_name_that_no_service_reads_is_unknown() -> None:
    environment = {
        "BOOKWITH_DATABSE_URL": "postgresql://x",
        "BOOKWITH_HTTP_PORT": "1",
        "HOME": "/root",
        "BOOKWITH_HOLD": "5",
    }

    assert ["BOOKWITH_DATABSE_URL", "BOOKWITH_HOLD"] == unknown_settings(environment)


def test_the_settings_of_every_service_are_known_to_each() -> None:
    fields = {*BookingSettings.model_fields, *NotifierSettings.model_fields}
    everything = {f"BOOKWITH_{name.upper()}": "x" for name in fields}
    addresses = {"BOOKWITH_BOOKING_URL": "x", "BOOKWITH_POLICY_URL": "x"}

    assert [] == unknown_settings({**everything, **addresses, "BOOKWITH_PORT_OFFSET": "1"})
