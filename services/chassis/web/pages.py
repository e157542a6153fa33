"""Pages: typed content rendered by a template inside the shared shell, in the reader's language.

A service gives the folder of its own templates; `base.html`, the shell, and `components.html`, the
parts that pages are made of, stand in this package.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.chassis.web.assets import asset_address
from services.chassis.web.catalogues import Language
from services.chassis.web.readers import Reader

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


class Pages:
    """Renders the pages of one service; templates are read and compiled once."""

    def __init__(self, templates: Path, **functions: Callable[..., Any]) -> None:
        """Use the service's templates; they may call the functions by their names."""
        self._environment = Environment(
            loader=FileSystemLoader([templates, SHARED]),
            autoescape=True,
            auto_reload=False,
            cache_size=-1,  # every template stays
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update({"asset": asset_address, **functions})
        self._templates: dict[str, Template] = {}

    def render(
        self,
        content: PageContent,
        reader: Reader,
        languages: LanguageLinks,
        header: Header | None = None,
    ) -> str:
        """Return the page; everything that is put in is escaped."""
        return self.template(content.TEMPLATE).render(
            _variables(content),
            languages=languages,
            header=header,
            reader=reader,
            say=reader.language.say_in_html,
            text=reader.language.say,
        )

    def template(self, name: str) -> Template:
        """Return the template: a change of its file needs a new process."""
        found = self._templates.get(name)
        if found is None:
            found = self._templates[name] = self._environment.get_template(name)
        return found


def _variables(content: PageContent) -> Mapping[str, Any]:
    return {each.name: getattr(content, each.name) for each in fields(content)}
