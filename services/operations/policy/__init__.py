"""The command line of policy: who may have a page, why, and what a change would do."""
