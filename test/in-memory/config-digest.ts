import type { ConfigDigest, EnrolledConfig } from '../../shared/use-cases/ports/config-digest.ts';

/** How far a config's enrolment has come, in memory. */
export class InMemoryConfigDigest implements ConfigDigest {
  enrolled: EnrolledConfig | undefined;

  async get(): Promise<EnrolledConfig | undefined> {
    return this.enrolled;
  }

  async set({ digest, after }: EnrolledConfig): Promise<void> {
    this.enrolled = { digest, ...(after !== undefined && { after }) };
  }
}
