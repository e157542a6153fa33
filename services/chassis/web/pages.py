"""Pages: typed content rendered by a template inside the shared shell, in the reader's language.

A service gives the folder of its own templates; `base.html`, the shell, and `components.html`, the
parts that pages are made of, stand in this package.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.chassis.web.assets import asset_address, brand, logo_address
from services.chassis.web.catalogues import Language
from services.chassis.web.readers import Reader

# One time or two, with what stands before it in Danish, and behind it where a day has two halves.
_TIME_OF_DAY = re.compile(
    r"(?<!UTC[+-])(?<!\d)(?:kl\. )?\d{1,2}[:.]\d{2}(?!\d)(?:\u2013\d{1,2}[:.]\d{2})?"
    r"(?:[ \u00a0][AaPp]\.?[Mm]\b)?"
)
SHARED = Path(__file__).parent / "templates"
# The languages to choose from, each with the address of the same page in it.
LanguageLinks = Sequence[tuple[Language, str]]


class PageContent(Protocol):
    """What a page says: a dataclass whose fields are the variables of its template."""

    TEMPLATE: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A part of the site; `words` is the key of its phrase, `current` whether it is shown."""

    href: str
    words: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands above a page for somebody who is signed in.

    `sign_out` is where the form goes that ends the session, `form_key` what it carries.
    """

    home: str
    links: Sequence[NavigationLink]
    name: str
    sign_out: str
    form_key: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A page is shown inside a page of another site, at one of these origins."""

    origins: Sequence[str]


class Pages:
    """Renders the pages of one service; a change of a template needs a new process."""

    def __init__(self, templates: Path, **functions: Callable[..., Any]) -> None:
        """Read and compile the templates; they may call the functions by their names."""
        self._environment = Environment(
            loader=FileSystemLoader([templates, SHARED]),
            autoescape=True,
            auto_reload=False,
            cache_size=-1,  # every template stays
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            {"asset": asset_address, "brand": brand, "logo": logo_address, **functions}
        )
        self._environment.filters["unbroken"] = unbroken
        # All at once: a fault in one is seen at the start, and no visitor waits for it.
        self._templates = {
            name: self._environment.get_template(name)
            for name in self._environment.list_templates()
        }

    def render(
        self,
        content: PageContent,
        reader: Reader,
        languages: LanguageLinks,
        header: Header | None = None,
        frame: Frame | None = None,
    ) -> str:
        """Return the page; everything that is put in is escaped."""
        return self._templates[content.TEMPLATE].render(
            _variables(content),
            languages=languages,
            header=header,
            frame=frame,
            reader=reader,
            say=reader.language.say_in_html,
            text=reader.language.say,
        )


def unbroken(text: str) -> Markup:
    """Return the text for HTML, with each time of day kept on one line."""
    return Markup(_TIME_OF_DAY.sub(r'<span class="keep">\g<0></span>', str(escape(text))))  # noqa: S704 -- escaped


def _variables(content: PageContent) -> Mapping[str, Any]:
    return {each.name: getattr(content, each.name) for each in fields(content)}
