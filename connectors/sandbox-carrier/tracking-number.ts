/** Numbers of the embedded carrier: `SBX`, nine digits, one check digit as in GS1 numbers (weights 3 and 1 from the right). */

/** The tracking number of a serial from 1 up; throws a RangeError beyond nine digits. */
export function trackingNumber(serial: number): string {
  if (!Number.isInteger(serial) || serial < 1 || serial > 999_999_999) throw new RangeError(`serial ${serial}`);
  const digits = String(serial).padStart(9, '0');
  return `SBX${digits}${checkDigit(digits)}`;
}

/** Whether a text is a number of this carrier with the right check digit. */
export function isTrackingNumber(text: string): boolean {
  const match = /^SBX(\d{9})(\d)$/.exec(text);
  return match?.[1] !== undefined && checkDigit(match[1]) === Number(match[2]);
}

function checkDigit(digits: string): number {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10;
}
