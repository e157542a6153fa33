"""The roles that people have, as the claims of the organization's provider name them."""

ORGANIZER = "organizer"
ADMINISTRATOR = "administrator"
OPERATOR = "operator"

# Who may have a page of their own.
WITH_PAGE = frozenset({ORGANIZER, ADMINISTRATOR})
ROLES = frozenset({ORGANIZER, ADMINISTRATOR, OPERATOR})
