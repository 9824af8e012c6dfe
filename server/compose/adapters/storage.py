"""Where the bytes of files are stored: a folder, or a bucket that speaks S3."""

from pathlib import Path

from pydantic_settings import BaseSettings

from clients.storage import Storage
from server.compose.adapters.adapter import Adapter, Place, Service


class StorageSettings(BaseSettings):
    """File storage."""

    storage_url: str = ""
    """`file:///folder` or `s3://bucket[/prefix]`; empty: `files` in `DATA_DIR`. All processes need the same value. A
    bucket needs a rule that ends unfinished multipart uploads after a day."""
    aws_access_key_id: str = ""
    """access key for S3; empty: from the environment of the machine"""
    aws_secret_access_key: str = ""
    """secret key for S3; empty: from the environment of the machine"""
    aws_region: str = ""
    """region for S3; empty: from the environment of the machine"""
    aws_endpoint_url: str = ""
    """another service that speaks S3"""

    def files_at(self, data_dir: Path) -> str:
        """Return the URL of the storage: the configured one, or a folder beside the embedded engines."""
        return self.storage_url or (data_dir / "files").absolute().as_uri()

    def s3(self) -> dict[str, str]:
        """Return the configuration of S3 by obstore's names, as far as it is set."""
        named = {
            "access_key_id": self.aws_access_key_id,
            "secret_access_key": self.aws_secret_access_key,
            "region": self.aws_region,
            "endpoint": self.aws_endpoint_url,
        }
        return {name: value for name, value in named.items() if value}


def build(settings: StorageSettings, place: Place) -> Service:
    """Open the configured storage."""
    return Service(Storage(settings.files_at(place.data_dir), settings.s3()))


ADAPTER = Adapter(build)
