"""The routers of the administrators' pages: each module has one page, and adds its own here."""

from services.policy.web import (
    audit_list,
    change,
    licences,
    organization,
    overview,
    plan,
    sharing,
    user,
    users,
)

ROUTERS = (
    overview.routes,
    users.routes,
    user.routes,
    organization.routes,
    sharing.routes,
    licences.routes,
    plan.routes,
    audit_list.routes,
    change.routes,
)
