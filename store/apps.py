from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StoreConfig(AppConfig):
    name = "store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from store import triggers

        triggers.append_only("store_accessentry")
        # Without a sender: the signal comes once for each app, and whichever comes last finds every table.
        post_migrate.connect(triggers.after_migrate, dispatch_uid="store.triggers")
