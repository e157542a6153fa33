"""The settings of an organization's look, for the services that have pages or send mails."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from services.chassis.runtime.settings import Settings
from services.chassis.web.brand import Brand, check_colour, check_logo


class BrandSettings(Settings):
    """What an organization's pages and mails look like."""

    organization_name: Annotated[
        str, Field(max_length=60, description="the organization's name, on pages and in mails")
    ] = ""
    organization_colour: Annotated[
        str,
        Field(
            description="the colour of buttons and links, #rrggbb; start refuses one on which "
            "white text cannot be read"
        ),
    ] = ""
    organization_logo: Annotated[
        Path | None,
        Field(
            description="a picture above the pages, .svg, .png or .webp, at most 100 kB; mails "
            "show only a .png, with others the name"
        ),
    ] = None

    @field_validator("organization_colour")
    @classmethod
    def _can_be_read(cls, said: str) -> str:
        return check_colour(said) if said else said

    @field_validator("organization_logo")
    @classmethod
    def _can_be_shown(cls, said: Path | None) -> Path | None:
        return check_logo(said) if said else said

    @property
    def brand(self) -> Brand:
        """Return what the pages look like."""
        return Brand(
            name=self.organization_name,
            colour=self.organization_colour,
            logo=self.organization_logo,
        )
