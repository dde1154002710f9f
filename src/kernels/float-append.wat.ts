/**
 * Appends floats to growing XOR chunks, the common cases only. The records are those of `xor-encode.ts`, followed by what the head keeps
 * of a series (head/series-table.ts): byte 28 the chunk's address in units of 16 bytes, 32 the time at which the next chunk begins, 60 the
 * flags, whose low byte is the size class of the chunk's slot.
 */
export const floatAppendWat = `
(import "host" "memory" (memory 1 65536 shared))

;; Appends samples i in [i, to): series records + 64 * slots[i], time ts[i], value bits values[i]. Stops at the first one that is not a
;; common case and returns its number: no chunk open, not in order, one of the first two samples, a chunk to be cut, foretold or moved to a
;; larger slot, a step that changed by more than eight seconds. bounds[0] and bounds[1] are lowered and raised to the times appended.
(func $append (export "appendFloats")
  (param $records i32) (param $slots i32) (param $ts i32) (param $values i32) (param $i i32) (param $to i32)
  (param $slotSizes i32) (param $bounds i32) (result i32)
  (local $record $flags $bits $bytes $window $samples $width $leading $trailing $at $used $n i32)
  (local $t $mint $maxt f64)
  (local $value $xor $dod $delta $prefix $word $payload i64)
  (local.set $mint (f64.load $bounds))
  (local.set $maxt (f64.load offset=8 $bounds))
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
      (br_if $stop (i32.or (i32.eq $samples 30) (i32.ge_u $samples 240)))
      (br_if $stop (i32.eqz (f64.lt $t (f64.load offset=32 $record))))
      (br_if $stop (i32.eqz (f64.gt $t (f64.load $record))))
      (br_if $stop (i32.gt_u $bytes 1005))
      (br_if $stop (i32.gt_u (i32.add $bytes 24)
        (i32.load16_u (i32.add $slotSizes (i32.shl (i32.and $flags 255) 1)))))
      (local.set $delta (i64.trunc_f64_s (f64.sub $t (f64.load $record))))
      (local.set $dod (i64.sub $delta (i64.load32_u offset=16 $record)))
      (br_if $stop (i64.gt_u (i64.add $dod (i64.const 8191)) (i64.const 16383)))

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
          (call $put $at $used
            (i64.shl
              (i64.or (i64.shl $prefix (i64.extend_i32_u $n)) $payload)
              (i64.extend_i32_u (i32.sub 64 (i32.add $width $n))))))
        (else
          (call $put $at $used (i64.shl $prefix (i64.extend_i32_u (i32.sub 64 $width))))
          (local.set $used (i32.add $used $width))
          (call $put (i32.add $at (i32.shr_u $used 3)) (i32.and $used 7)
            (i64.shl $payload (i64.extend_i32_u (i32.sub 64 $n))))))

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
  (f64.store $bounds $mint)
  (f64.store offset=8 $bounds $maxt)
  $i)

;; Writes the bits of $word, highest first, behind the $used bits of the byte at $at; what stood behind is overwritten up to nine bytes on.
(func $put (param $at i32) (param $used i32) (param $word i64)
  (local $swapped i64)
  (local.set $swapped
    (i64.or
      (i64.shl
        (i64.extend_i32_u (i32.and (i32.load8_u $at) (i32.shr_u 0xff00 $used)))
        (i64.const 56))
      (i64.shr_u $word (i64.extend_i32_u $used))))
  ;; Memory is little-endian: the bytes are turned round.
  (local.set $swapped
    (i64.or
      (i64.shl (i64.and $swapped (i64.const 0x00ff00ff00ff00ff)) (i64.const 8))
      (i64.and (i64.shr_u $swapped (i64.const 8)) (i64.const 0x00ff00ff00ff00ff))))
  (local.set $swapped
    (i64.or
      (i64.shl (i64.and $swapped (i64.const 0x0000ffff0000ffff)) (i64.const 16))
      (i64.and (i64.shr_u $swapped (i64.const 16)) (i64.const 0x0000ffff0000ffff))))
  (i64.store $at (i64.rotl $swapped (i64.const 32)))
  (i32.store8 offset=8 $at (i32.wrap_i64
    (i64.shr_u (i64.shl $word (i64.extend_i32_u (i32.sub 64 $used))) (i64.const 56)))))
`;
