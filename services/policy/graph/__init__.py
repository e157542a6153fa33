"""Microsoft Graph, read only: who the users of a tenant are, and whether they have the plan."""
