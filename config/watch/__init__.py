"""What tells whether the portal does its work: figures with limits, for a page, for Prometheus and for alarms."""
