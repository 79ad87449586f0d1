"""The REST API of approvals: serializers and views over the same commands as the pages."""
