"""What nobody may learn or do: an erased person is nowhere, each route knows its callers."""
