"""Pages of policies outside the workbench."""
