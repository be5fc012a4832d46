import type { PinnedImage } from './pinned-image';
import type { ImageRequest } from './request';

/** Where images come from: ECR, a lock, or what is live. */
export interface ImageSource {
  /**
   * The images that answer a request. One as a rule; several where a lock or the cluster has tenants of one release on
   * different digests. Together they cover every tenant of the request.
   *
   * @throws ImageProblem when there is no image that may be deployed.
   */
  resolve(request: ImageRequest): Promise<PinnedImage[]>;
}
