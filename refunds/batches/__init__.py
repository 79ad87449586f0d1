"""Many requests in one call: kept at once, filed one after the other by the commands that file a single one."""
