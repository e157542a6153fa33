"""SCIM 2.0: a provisioning client creates users, describes them and switches them off."""
