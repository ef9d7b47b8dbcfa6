import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { generate } from 'selfsigned';
import { localFolder } from '../../tools/paths.ts';

/** The certificate of the emulated AWS, which nothing outside this checkout trusts. */
export interface Certificate {
  certificateFile: string;
  keyFile: string;
}

const day = 24 * 60 * 60 * 1_000;
const folder = join(localFolder, 'tls');
const files: Certificate = {
  certificateFile: join(folder, 'server.crt'),
  keyFile: join(folder, 'server.key'),
};

/**
 * Makes a certificate for `localhost` and 127.0.0.1, valid for a year, unless there is one that lasts another week;
 * and makes this process trust it. Other processes of ours trust it by `NODE_EXTRA_CA_CERTS`, which Node reads once,
 * at its start.
 */
export async function ensureCertificate(now = Date.now()): Promise<Certificate> {
  if (!lasts(now + 7 * day)) await makeCertificate(now);
  trust();
  return files;
}

function lasts(until: number): boolean {
  try {
    const certificate = new X509Certificate(readFileSync(files.certificateFile));
    const key = readFileSync(files.keyFile, 'utf8');
    return certificate.validToDate.getTime() > until && key !== '';
  } catch {
    return false;
  }
}

async function makeCertificate(now: number): Promise<void> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // Clocks of containers and virtual machines may lag behind by a little.
    notBeforeDate: new Date(now - day),
    notAfterDate: new Date(now + 365 * day),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeWhole(files.keyFile, key);
  writeWhole(files.certificateFile, cert);
}

/** Another run may read at the same time; it must never see half a file. */
function writeWhole(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
}

function trust(): void {
  const ours = readFileSync(files.certificateFile, 'utf8').trim();
  const trusted = tls.getCACertificates('default');
  if (trusted.some((certificate) => certificate.trim() === ours)) return;
  tls.setDefaultCACertificates([...trusted, ours]);
}
