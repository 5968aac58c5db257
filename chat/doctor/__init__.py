"""What `manage.py doctor` looks at: each module a place, each function a finding."""
