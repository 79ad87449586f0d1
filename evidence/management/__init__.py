"""What evidence adds to manage.py."""
