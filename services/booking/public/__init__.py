"""What anybody may see without an account: an open page, a public type, the type behind a link."""
