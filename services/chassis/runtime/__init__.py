"""A service's process: settings, assembly, telemetry, signals."""
