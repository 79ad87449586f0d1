"""Django's admin app with our site in it; apart from the site, because apps are named before models are there."""

from django.contrib.admin.apps import AdminConfig


class SetupConfig(AdminConfig):
    """Serves `SetupSite` wherever Django says `admin.site`."""

    default_site = "config.kernel.admin_site.SetupSite"
