/** For which config the connections' mappings were last made. */
export interface EnrolledConfig {
  /** Of the names of the config's mappings, and of whose their tables are. */
  readonly digest: string;
  /** The connection after which the enrolment goes on; absent once all are done. */
  readonly after?: string | undefined;
}

/** Remembers how far the enrolment of the deployed config has come. Two dispatchers at once repeat work, no more. */
export interface ConfigDigest {
  get(): Promise<EnrolledConfig | undefined>;
  set(enrolled: EnrolledConfig): Promise<void>;
}
