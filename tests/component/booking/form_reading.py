"""The forms of a page as a browser would send them: every control with what it holds."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx

Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class PageForm:
    """A form: where it goes, and what it sends when none of its buttons is pressed."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class FormReader(HTMLParser):
    """Reads the forms of a page that are sent by POST."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attributes: Attributes) -> None:
        """Note a control with what it holds."""
        found = {name: value or "" for name, value in attributes}
        if tag == "form" and found.get("method") == "post":
            self._open = PageForm(found["action"])
            self.forms.append(self._open)
        if self._open is None:
            return
        match tag:
            case "input" if found.get("type") in ("checkbox", "radio"):
                if "checked" in found:
                    self._open.fields[found["name"]] = found.get("value", "on")
            case "input" if "name" in found:
                self._open.fields[found["name"]] = found.get("value", "")
            case "select":
                self._select = found["name"]
            case "option" if self._select:
                if "selected" in found or self._select not in self._open.fields:
                    self._open.fields[self._select] = found.get("value", "")
            case "textarea":
                self._area = found["name"]
                self._open.fields[self._area] = ""

    def handle_data(self, data: str) -> None:
        """Note what stands in a text area; the line break that it begins with is none of it."""
        if self._area and self._open is not None:
            self._open.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a control, or of the form."""
        if tag == "textarea" and self._open is not None:
            typed = self._open.fields[self._area]
            self._open.fields[self._area] = typed.removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._open = None


def forms_of(page: httpx.Response) -> list[PageForm]:
    """Return the forms of the page."""
    reader = FormReader()
    reader.feed(page.text)
    return reader.forms


def form_to(page: httpx.Response, place: str) -> PageForm:
    """Return the form whose address ends in the place."""
    for form in forms_of(page):
        if urlsplit(form.action).path.endswith(place):
            return form
    raise AssertionError(f"no form to {place} on the page:\n{page.text}")
