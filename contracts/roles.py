"""The roles that people have, as the claims of the organization's provider name them."""

ORGANIZER = "organizer"
ADMINISTRATOR = "administrator"
OPERATOR = "operator"

ROLES = frozenset({ORGANIZER, ADMINISTRATOR, OPERATOR})
