import { text } from './names';

/** A role of AWS, whose name has at most 64 characters, and its path 512: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
export const roleArn = text('a role of AWS')
  .regex(
    /^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role\/([A-Za-z0-9+=,.@_-]+\/)*[A-Za-z0-9+=,.@_-]{1,64}$/,
    'must be the ARN of a role, such as arn:aws:iam::123456789012:role/acme-globex, whose name has at most 64 characters',
  )
  .max(600, 'must have at most 600 characters');
