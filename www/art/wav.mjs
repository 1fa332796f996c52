const HEADER_BYTES = 44;

/**
 * @param {Float32Array} left samples from -1 to 1
 * @param {Float32Array} right as many as on the left
 * @param {number} rate samples per second
 * @returns {Buffer} a WAV file: 16 bit, stereo
 */
export function encodeWav(left, right, rate) {
  const dataBytes = left.length * 4;
  const file = Buffer.alloc(HEADER_BYTES + dataBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 4, 28);
  file.writeUInt16LE(4, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataBytes, 40);
  const samples = new Int16Array(left.length * 2);
  for (let i = 0; i < left.length; i += 1) {
    samples[i * 2] = left[i] * 32767;
    samples[i * 2 + 1] = right[i] * 32767;
  }
  Buffer.from(samples.buffer).copy(file, HEADER_BYTES);
  return file;
}
