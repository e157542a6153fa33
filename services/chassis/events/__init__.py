"""Events as they are stored: deciders, streams, what fires at an instant."""
