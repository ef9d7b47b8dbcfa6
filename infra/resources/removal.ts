import { RemovalPolicy } from 'aws-cdk-lib';

/** True where data must outlive the stack: then tables refuse deletion too. */
export const isRetained = (policy: RemovalPolicy): boolean => policy !== RemovalPolicy.DESTROY;
