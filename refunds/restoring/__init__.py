"""After a return to a backup: nothing leaves before the processors said what left in the time that was lost."""
