/**
 * Writes the bits of `$word`, highest first, behind the `$used` bits of the byte at `$at`; what stood behind is overwritten, up to nine
 * bytes on. Memory is little-endian: the bytes are turned round. Part of the text and not a function, because calls are not inlined.
 */
const putWord = `
          (local.set $turned
            (i64.or
              (i64.shl
                (i64.extend_i32_u (i32.and (i32.load8_u $at) (i32.shr_u 0xff00 $used)))
                (i64.const 56))
              (i64.shr_u $word (i64.extend_i32_u $used))))
          (local.set $turned
            (i64.or
              (i64.shl (i64.and $turned (i64.const 0x00ff00ff00ff00ff)) (i64.const 8))
              (i64.and (i64.shr_u $turned (i64.const 8)) (i64.const 0x00ff00ff00ff00ff))))
          (local.set $turned
            (i64.or
              (i64.shl (i64.and $turned (i64.const 0x0000ffff0000ffff)) (i64.const 16))
              (i64.and (i64.shr_u $turned (i64.const 16)) (i64.const 0x0000ffff0000ffff))))
          (i64.store $at (i64.rotl $turned (i64.const 32)))
          (i32.store8 offset=8 $at (i32.wrap_i64
            (i64.shr_u (i64.shl $word (i64.extend_i32_u (i32.sub 64 $used))) (i64.const 56))))`;

/** Sets a local to the eight bytes at an address, of which in logs the highest comes first. Uses `$byte`. */
function loadBigEndian(target: string, load: string): string {
  return `(local.set $byte ${load})
    (local.set $byte
      (i64.or
        (i64.shl (i64.and $byte (i64.const 0x00ff00ff00ff00ff)) (i64.const 8))
        (i64.and (i64.shr_u $byte (i64.const 8)) (i64.const 0x00ff00ff00ff00ff))))
    (local.set $byte
      (i64.or
        (i64.shl (i64.and $byte (i64.const 0x0000ffff0000ffff)) (i64.const 16))
        (i64.and (i64.shr_u $byte (i64.const 16)) (i64.const 0x0000ffff0000ffff))))
    (local.set ${target} (i64.rotl $byte (i64.const 32)))`;
}

/** Reads a zigzag varint at `$at`, moves `$at` behind it. Leaves for `$bad` when it has more than ten bytes. */
function varint(what: string, name: string, target: string): string {
  return `        ;; ${what}, a zigzag varint: mostly one or two bytes.
        (local.set $raw (i64.const 0))
        (local.set $shift (i64.const 0))
        (loop $${name}
          (br_if $bad (i64.gt_u $shift (i64.const 63)))
          (local.set $byte (i64.load8_u $at))
          (local.set $at (i32.add $at 1))
          (local.set $raw (i64.or $raw (i64.shl (i64.and $byte (i64.const 127)) $shift)))
          (local.set $shift (i64.add $shift (i64.const 7)))
          (br_if $${name} (i64.gt_u $byte (i64.const 127))))
        (local.set ${target} (i64.xor (i64.shr_u $raw (i64.const 1))
          (i64.sub (i64.const 0) (i64.and $raw (i64.const 1)))))`;
}

/**
 * What is done to every sample in the head: appending floats to growing XOR chunks, the common cases only, and decoding the sample records
 * of a log. The records are those of `xor-encode.ts`, followed by what the head keeps
 * of a series (head/series-table.ts): byte 28 the chunk's address in units of 16 bytes, 32 the time at which the next chunk begins, 40 the
 * time of its first sample, 60 the flags, whose low byte is the size class of the chunk's slot.
 *
 * What the kernel shares with the head (head/head-memory.ts), from `$shared` on:
 *
 * ```
 *    0  f64 lowest, f64 highest time appended
 *   16  u16 bytes of a slot, for each of 16 size classes
 *   48  i32 number of slots that grown chunks have left; 64: their addresses and size classes, two i32 each, up to 512
 *   52  i32 samples of the record last decoded whose series is not known
 * 8192  for each size class 256 bytes: i32 number of free slots to take, then their addresses, up to 63
 * ```
 */
export const headKernelsWat = `
(import "host" "memory" (memory 1 65536 shared))

;; Appends samples i in [i, to): series records + 64 * slots[i], time ts[i], value bits values[i]. Stops at the first one that is not a
;; common case and returns its number: no chunk open, not in order, one of the first two samples, a chunk to be cut, no free slot for one that
;; has to move, a step that changed by more than eight seconds.
(func $append (export "appendFloats")
  (param $records i32) (param $slots i32) (param $ts i32) (param $values i32) (param $i i32) (param $to i32)
  (param $shared i32) (result i32)
  (local $record $flags $bits $bytes $window $samples $width $leading $trailing $at $used $n $stack $left i32)
  (local $t $mint $maxt $first $end $chunks f64)
  (local $value $xor $dod $delta $prefix $word $payload $turned i64)
  (local.set $mint (f64.load $shared))
  (local.set $maxt (f64.load offset=8 $shared))
  (block $stop
    (loop $next
      (br_if $stop (i32.ge_u $i $to))
      (local.set $record (i32.add $records (i32.shl (i32.load (i32.add $slots (i32.shl $i 2))) 6)))
      (local.set $t (f64.load (i32.add $ts (i32.shl $i 3))))
      (local.set $value (i64.load (i32.add $values (i32.shl $i 3))))
      (local.set $flags (i32.load offset=60 $record))
      (local.set $bits (i32.load offset=20 $record))
      (local.set $window (i32.load offset=24 $record))
      (local.set $samples (i32.and $window 0xffff))
      (local.set $bytes (i32.shr_u (i32.add $bits 7) 3))

      ;; 1. Everything out of the ordinary is the caller's.
      (br_if $stop (i32.eqz (i32.and $flags 0x100)))
      (br_if $stop (i32.lt_u $samples 2))
      (br_if $stop (i32.ge_u $samples 240))
      (br_if $stop (i32.eqz (f64.gt $t (f64.load $record))))
      (br_if $stop (i32.gt_u $bytes 1005))
      ;; At a quarter of the samples wanted the end is foretold, so that the chunks of the range come out alike.
      (local.set $end (f64.load offset=32 $record))
      (if (i32.eq $samples 30)
        (then
          (local.set $first (f64.load offset=40 $record))
          (local.set $chunks (f64.div (f64.sub $end $first)
            (f64.mul (f64.add (f64.sub (f64.load $record) $first) (f64.const 1)) (f64.const 4))))
          (if (f64.gt $chunks (f64.const 1))
            (then (local.set $end (f64.trunc
              (f64.add $first (f64.div (f64.sub $end $first) (f64.floor $chunks)))))))))
      (br_if $stop (i32.eqz (f64.lt $t $end)))
      (local.set $delta (i64.trunc_f64_s (f64.sub $t (f64.load $record))))
      (local.set $dod (i64.sub $delta (i64.load32_u offset=16 $record)))
      (br_if $stop (i64.gt_u (i64.add $dod (i64.const 8191)) (i64.const 16383)))

      ;; A chunk that does not fit its slot any more moves to the next larger one.
      (if (i32.gt_u (i32.add $bytes 24)
            (i32.load16_u offset=16 (i32.add $shared (i32.shl (i32.and $flags 255) 1))))
        (then
          (local.set $stack (i32.add $shared (i32.add 8448 (i32.shl (i32.and $flags 255) 8))))
          (local.set $n (i32.load $stack))
          (local.set $left (i32.load offset=48 $shared))
          (br_if $stop (i32.or (i32.eqz $n) (i32.ge_u $left 512)))
          (local.set $at (i32.load (i32.add $stack (i32.shl $n 2))))
          (i32.store $stack (i32.sub $n 1))
          (memory.copy (i32.shl $at 4) (i32.shl (i32.load offset=28 $record) 4) $bytes)
          (local.set $stack (i32.add $shared (i32.shl $left 3)))
          (i32.store offset=64 $stack (i32.load offset=28 $record))
          (i32.store offset=68 $stack (i32.and $flags 255))
          (i32.store offset=48 $shared (i32.add $left 1))
          (i32.store offset=28 $record $at)
          (local.set $flags (i32.add $flags 1))))
      (f64.store offset=32 $record $end)

      ;; 2. The control bits of the time.
      (if (i64.eqz $dod)
        (then
          (local.set $prefix (i64.const 0))
          (local.set $width 1))
        (else
          (local.set $prefix (i64.or (i64.const 0x8000) (i64.and $dod (i64.const 0x3fff))))
          (local.set $width 16)))

      ;; 3. Those of the value, and its significant bits.
      (local.set $xor (i64.xor $value (i64.load offset=8 $record)))
      (if (i64.eqz $xor)
        (then
          (local.set $prefix (i64.shl $prefix (i64.const 1)))
          (local.set $width (i32.add $width 1))
          (local.set $payload (i64.const 0))
          (local.set $n 0))
        (else
          (local.set $leading (i32.wrap_i64 (i64.clz $xor)))
          (local.set $leading (select 31 $leading (i32.gt_u $leading 31)))
          (local.set $trailing (i32.wrap_i64 (i64.ctz $xor)))
          (if (i32.and
                (i32.le_u (i32.and (i32.shr_u $window 16) 255) $leading)
                (i32.le_u (i32.shr_u $window 24) $trailing))
            (then
              (local.set $trailing (i32.shr_u $window 24))
              (local.set $n (i32.sub (i32.sub 64 (i32.and (i32.shr_u $window 16) 255)) $trailing))
              (local.set $prefix (i64.or (i64.shl $prefix (i64.const 2)) (i64.const 2)))
              (local.set $width (i32.add $width 2)))
            (else
              (local.set $n (i32.sub (i32.sub 64 $leading) $trailing))
              (local.set $window (i32.or $samples (i32.or (i32.shl $leading 16) (i32.shl $trailing 24))))
              (local.set $prefix (i64.or (i64.shl $prefix (i64.const 13))
                (i64.extend_i32_u (i32.or 0x1800 (i32.or (i32.shl $leading 6) (i32.and $n 63))))))
              (local.set $width (i32.add $width 13))))
          (local.set $payload (i64.shr_u $xor (i64.extend_i32_u $trailing)))))

      ;; 4. Written at once where both fit a word, else one after the other.
      (local.set $at (i32.add (i32.shl (i32.load offset=28 $record) 4) (i32.shr_u $bits 3)))
      (local.set $used (i32.and $bits 7))
      (local.set $bits (i32.add $bits (i32.add $width $n)))
      (if (i32.le_u (i32.add $width $n) 64)
        (then
          (local.set $word (i64.shl
            (i64.or (i64.shl $prefix (i64.extend_i32_u $n)) $payload)
            (i64.extend_i32_u (i32.sub 64 (i32.add $width $n)))))
          ${putWord})
        (else
          (local.set $word (i64.shl $prefix (i64.extend_i32_u (i32.sub 64 $width))))
          ${putWord}
          (local.set $used (i32.add $used $width))
          (local.set $at (i32.add $at (i32.shr_u $used 3)))
          (local.set $used (i32.and $used 7))
          (local.set $word (i64.shl $payload (i64.extend_i32_u (i32.sub 64 $n))))
          ${putWord}))

      ;; 5. The record.
      (f64.store $record $t)
      (i64.store offset=8 $record $value)
      (i64.store32 offset=16 $record $delta)
      (i32.store offset=20 $record $bits)
      (i32.store offset=24 $record (i32.add $window 1))
      (i32.store offset=60 $record
        (i32.or (i32.and $flags 0xffffe3ff)
          (i32.shl (i64.eq $value (i64.const 0x7ff0000000000002)) 11)))
      (local.set $mint (f64.min $mint $t))
      (local.set $maxt (f64.max $maxt $t))
      (local.set $i (i32.add $i 1))
      (br $next)))
  (f64.store $shared $mint)
  (f64.store offset=8 $shared $maxt)
  $i)

;; Decodes the samples of a log record, without its type byte, in [at, to): slots, times and value bits into columns, refs beside them as
;; i64. A ref leads to its slot through a directory of pages of 65,536 slots; slot 0 is none. Samples before $minT are left out. Returns how
;; many there are, or -1 where the record is cut short or malformed. Up to 32 bytes behind the record are read.
(func $decode (export "decodeSamples")
  (param $at i32) (param $to i32) (param $directory i32) (param $minT f64)
  (param $slots i32) (param $ts i32) (param $values i32) (param $refs i32) (param $shared i32) (result i32)
  (local $n $page $slot $unknown i32)
  (local $byte $raw $shift $firstRef $firstT $ref $dt i64)
  (local $t f64)
  (block $bad
    (br_if $bad (i32.lt_u (i32.sub $to $at) 16))
    ${loadBigEndian('$firstRef', '(i64.load $at)')}
    ${loadBigEndian('$firstT', '(i64.load offset=8 $at)')}
    (local.set $at (i32.add $at 16))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u $at $to))
${varint('The ref', 'ref', '$ref')}
        (local.set $ref (i64.add $firstRef $ref))
${varint('The time', 'time', '$dt')}
        (local.set $t (f64.convert_i64_s (i64.add $firstT $dt)))
        (br_if $bad (i32.gt_u (i32.add $at 8) $to))
        (if (f64.ge $t $minT)
          (then
            (local.set $slot 0)
            (if (i64.lt_u $ref (i64.const 0x100000000))
              (then
                (local.set $page (i32.load (i32.add $directory
                  (i32.shl (i32.wrap_i64 (i64.shr_u $ref (i64.const 16))) 2))))
                (if $page
                  (then (local.set $slot (i32.load (i32.add $page
                    (i32.shl (i32.and (i32.wrap_i64 $ref) 0xffff) 2))))))))
            (local.set $unknown (i32.add $unknown (i32.eqz $slot)))
            (i32.store (i32.add $slots (i32.shl $n 2)) $slot)
            (f64.store (i32.add $ts (i32.shl $n 3)) $t)
            (i64.store (i32.add $refs (i32.shl $n 3)) $ref)
            ${loadBigEndian('$raw', '(i64.load $at)')}
            (i64.store (i32.add $values (i32.shl $n 3)) $raw)
            (local.set $n (i32.add $n 1))))
        (local.set $at (i32.add $at 8))
        (br $next)))
    (i32.store offset=52 $shared $unknown)
    (return $n))
  -1)
`;
