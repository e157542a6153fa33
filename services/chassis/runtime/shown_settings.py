"""Settings as they may be logged: what is secret is left out, of addresses and as a whole."""

from urllib.parse import urlsplit

from services.chassis.runtime.settings import Settings

HIDDEN = "(hidden)"


def shown_settings(settings: Settings) -> dict[str, str]:
    """Return each setting in words; one that must not be printed is hidden."""
    return {
        name: _shown(getattr(settings, name)) if field.repr else HIDDEN
        for name, field in type(settings).model_fields.items()
    }


def _shown(value: object) -> str:
    """Return the value; an address without who signs in there, and without its parameters."""
    text = str(value)
    if "://" not in text:
        return text
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
