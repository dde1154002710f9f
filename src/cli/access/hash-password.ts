import bcrypt from 'bcryptjs';
import { CommandFailure, type Terminal } from '../terminal.ts';

/** About a quarter of a second for one guess on one core of 2026. */
const COST = 12;

/** What bcrypt looks at; the rest would not count. */
const MAX_BYTES = 72;

/**
 * Reads a password and hashes it.
 *
 * @throws {CommandFailure} for a password that cannot be used
 */
export async function hashPassword(terminal: Terminal): Promise<string> {
  const password = await readPassword(terminal);
  if (password === '') throw new CommandFailure('the password is empty');
  if (password.includes('\0')) throw new CommandFailure('the password has a NUL character, where bcrypt would end it');
  const bytes = Buffer.byteLength(password);
  if (bytes > MAX_BYTES) {
    throw new CommandFailure(`the password has ${bytes} bytes; bcrypt takes no more than ${MAX_BYTES} into account`);
  }
  return bcrypt.hash(password, COST);
}

async function readPassword(terminal: Terminal): Promise<string> {
  const typed = await terminal.readHidden('Password: ');
  if (typed === undefined) return (await terminal.readInput()).toString('utf8').replace(/\r?\n$/, '');
  if (typed !== '' && (await terminal.readHidden('Once more: ')) !== typed) {
    throw new CommandFailure('the two passwords are not the same');
  }
  return typed;
}
