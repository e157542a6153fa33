"""Who the users are: the names and addresses that administrators find them by."""
