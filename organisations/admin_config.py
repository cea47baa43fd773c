from django.contrib.admin.apps import AdminConfig


class PostAdminConfig(AdminConfig):
    """Makes `admin.site` the one that asks for posts: every room registers with it as usual."""

    default_site = "organisations.admin_site.PostAdminSite"
