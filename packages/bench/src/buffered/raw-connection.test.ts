import { expect, test } from 'vitest'
import { bytesOfAnswer } from './raw-connection.ts'

const head = 'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n'

test('an answer is as long as its head and what its Content-Length says, however much of it has arrived', () => {
  expect(bytesOfAnswer(head)).toBe(head.length + 7)
  expect(bytesOfAnswer(`${head}{"a":1}`)).toBe(head.length + 7)
})

test('an answer that does not tell its length is an error, also when its body would', () => {
  expect(() => bytesOfAnswer('HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n')).toThrow('without its length')
  expect(() => bytesOfAnswer('HTTP/1.1 204 No Content\r\n\r\ncontent-length: 5\r\n')).toThrow('without its length')
  expect(() => bytesOfAnswer('HTTP/1.1 202 Accepted\r\nContent-Le')).toThrow('without its length')
})
