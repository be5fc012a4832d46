"""moto's server, with what the local platform needs of ECR and moto does not have: layers, and the artifacts that refer to an image."""

import base64
import hashlib
import json
import sys
import uuid

from moto.core.responses import ActionResult
from moto.ecr.exceptions import ImageNotFoundException
from moto.ecr.models import ECRBackend, Image, Repository
from moto.ecr.responses import ECRResponse
from moto.s3.models import get_canned_acl, s3_backends
from moto.server import main

# Whose addresses are asked for is fetched from here, as ECR's layers are from an S3 bucket of its own.
BUCKET = "tenantry-local-layers"
uploads: dict[str, bytearray] = {}


def initiate_layer_upload(self: ECRResponse) -> ActionResult:
    upload = str(uuid.uuid4())
    uploads[upload] = bytearray()
    return ActionResult({"uploadId": upload, "partSize": 10_485_760})


def upload_layer_part(self: ECRResponse) -> ActionResult:
    upload = self._get_param("uploadId")
    uploads[upload] += base64.b64decode(self._get_param("layerPartBlob"))
    return ActionResult({"uploadId": upload, "lastByteReceived": len(uploads[upload]) - 1})


def complete_layer_upload(self: ECRResponse) -> ActionResult:
    content = bytes(uploads.pop(self._get_param("uploadId")))
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    s3 = s3_backends[self.current_account]["aws"]
    if BUCKET not in s3.buckets:
        s3.create_bucket(BUCKET, self.region)
    # By ECR the address carries a signature; here anybody who knows it may read.
    s3.put_object(BUCKET, digest, content).set_acl(get_canned_acl("public-read"))
    return ActionResult({"repositoryName": self._get_param("repositoryName"), "layerDigest": digest})


def get_download_url_for_layer(self: ECRResponse) -> ActionResult:
    digest = self._get_param("layerDigest")
    return ActionResult({"layerDigest": digest, "downloadUrl": f"http://{self.headers['Host']}/{BUCKET}/{digest}"})


def list_image_referrers(self: ECRResponse) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html"""
    name = self._get_param("repositoryName")
    subject = self._get_param("subjectId")["imageDigest"]
    images = self.ecr_backend._get_repository(name, self._get_param("registryId")).images
    if not any(image.get_image_digest() == subject for image in images):
        raise ImageNotFoundException(
            image_id=f"{{imageDigest:'{subject}'}}", repository_name=name, registry_id=self.current_account
        )
    found = []
    for image in images:
        manifest = json.loads(image.image_manifest)
        if manifest.get("subject", {}).get("digest") == subject:
            found.append(
                {
                    "digest": image.get_image_digest(),
                    "mediaType": image.image_manifest_media_type,
                    "artifactType": manifest.get("artifactType"),
                    "size": len(image.image_manifest),
                    "annotations": manifest.get("annotations", {}),
                    "artifactStatus": "ACTIVE",
                }
            )
    size = int(self._get_param("maxResults") or 20)
    begin = int(self._get_param("nextToken") or 0)
    answer = {"referrers": found[begin : begin + size]}
    if begin + size < len(found):
        answer["nextToken"] = str(begin + size)
    return ActionResult(answer)


with_that_tag = ECRBackend._resolve_image_tag_mutability


def _resolve_image_tag_mutability(self: ECRBackend, repository: Repository, tag: str | None) -> list[Image]:
    """What is pushed without a tag has none that could be immutable."""
    return with_that_tag(self, repository, tag) if tag is not None else []


setattr(ECRBackend, "_resolve_image_tag_mutability", _resolve_image_tag_mutability)

for operation in (
    initiate_layer_upload,
    upload_layer_part,
    complete_layer_upload,
    get_download_url_for_layer,
    list_image_referrers,
):
    setattr(ECRResponse, operation.__name__, operation)

if __name__ == "__main__":
    main(sys.argv[1:])
