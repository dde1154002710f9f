/**
 * CRC-32C and snappy over one memory. Everything is addressed by the host, who puts input in and takes output out:
 *
 * ```
 * tables: 8 KiB, eight tables of 256 words for the checksum, made by `init`
 * hashes: 8 KiB, 4,096 places of 16 bits for the matcher: larger ones find hardly more, and clearing them costs
 * ```
 *
 * Loads and stores of eight bytes at a time may touch up to seven bytes behind what they are for: the host leaves room.
 */
export const blockCodecsWat = `
(import "host" "memory" (memory 1))

;; The table of byte k is that of byte k - 1, moved on by one byte.
(func $init (export "initChecksums") (param $tables i32)
  (local $i $crc $bit i32)
  (block $done
    (loop $bytes
      (local.set $crc $i)
      (local.set $bit 0)
      (loop $bits
        (local.set $crc (i32.xor (i32.shr_u $crc 1)
          (i32.and 0x82f63b78 (i32.sub 0 (i32.and $crc 1)))))
        (br_if $bits (i32.lt_u (local.tee $bit (i32.add $bit 1)) 8)))
      (i32.store (i32.add $tables (i32.shl $i 2)) $crc)
      (br_if $bytes (i32.lt_u (local.tee $i (i32.add $i 1)) 256))))
  (local.set $i 256)
  (loop $rest
    (local.set $crc (i32.load (i32.add $tables (i32.shl (i32.sub $i 256) 2))))
    (i32.store (i32.add $tables (i32.shl $i 2))
      (i32.xor (i32.shr_u $crc 8)
        (i32.load (i32.add $tables (i32.shl (i32.and $crc 255) 2)))))
    (br_if $rest (i32.lt_u (local.tee $i (i32.add $i 1)) 2048))))

;; Checksum of [from, to), continuing one of what came before.
(func $crc32c (export "crc32c") (param $tables i32) (param $from i32) (param $to i32) (param $seed i32) (result i32)
  (local $crc $a $b $bulk i32)
  (local.set $crc (i32.xor $seed -1))
  (local.set $bulk (i32.sub $to 7))
  (block $tail
    (loop $eight
      (br_if $tail (i32.ge_s $from $bulk))
      (local.set $a (i32.xor $crc (i32.load $from)))
      (local.set $b (i32.load offset=4 $from))
      (local.set $crc
        (i32.xor
          (i32.xor
            (i32.xor
              (i32.load offset=7168 (i32.add $tables (i32.shl (i32.and $a 255) 2)))
              (i32.load offset=6144 (i32.add $tables (i32.and (i32.shr_u $a 6) 1020))))
            (i32.xor
              (i32.load offset=5120 (i32.add $tables (i32.and (i32.shr_u $a 14) 1020)))
              (i32.load offset=4096 (i32.add $tables (i32.shl (i32.shr_u $a 24) 2)))))
          (i32.xor
            (i32.xor
              (i32.load offset=3072 (i32.add $tables (i32.shl (i32.and $b 255) 2)))
              (i32.load offset=2048 (i32.add $tables (i32.and (i32.shr_u $b 6) 1020))))
            (i32.xor
              (i32.load offset=1024 (i32.add $tables (i32.and (i32.shr_u $b 14) 1020)))
              (i32.load (i32.add $tables (i32.shl (i32.shr_u $b 24) 2)))))))
      (local.set $from (i32.add $from 8))
      (br $eight)))
  (block $done
    (loop $one
      (br_if $done (i32.ge_u $from $to))
      (local.set $crc (i32.xor (i32.shr_u $crc 8)
        (i32.load (i32.add $tables
          (i32.shl (i32.and (i32.xor $crc (i32.load8_u $from)) 255) 2)))))
      (local.set $from (i32.add $from 1))
      (br $one)))
  (i32.xor $crc -1))

;; Writes [from, to) as a literal at $out; the position behind it.
(func $literal (param $from i32) (param $to i32) (param $out i32) (result i32)
  (local $n $end i32)
  (local.set $n (i32.sub (i32.sub $to $from) 1))
  (if (i32.lt_u $n 60)
    (then
      (i32.store8 $out (i32.shl $n 2))
      (local.set $out (i32.add $out 1)))
    (else
      (if (i32.lt_u $n 256)
        (then
          (i32.store8 $out 240)
          (i32.store8 offset=1 $out $n)
          (local.set $out (i32.add $out 2)))
        (else
          (i32.store8 $out 244)
          (i32.store16 offset=1 $out $n)
          (local.set $out (i32.add $out 3))))))
  (local.set $end (i32.add (i32.add $out $n) 1))
  ;; Most literals are a few bytes: eight at a time, the last ones too many.
  (loop $eight
    (i64.store $out (i64.load $from))
    (local.set $out (i32.add $out 8))
    (local.set $from (i32.add $from 8))
    (br_if $eight (i32.lt_u $out $end)))
  $end)

;; Writes copies of $length bytes from $offset bytes back; the position behind them.
(func $copy (param $out i32) (param $offset i32) (param $length i32) (result i32)
  (block $short
    (loop $long
      (br_if $short (i32.lt_u $length 68))
      (i32.store8 $out 254)
      (i32.store16 offset=1 $out $offset)
      (local.set $out (i32.add $out 3))
      (local.set $length (i32.sub $length 64))
      (br $long)))
  (if (i32.gt_u $length 64)
    (then
      (i32.store8 $out 238)
      (i32.store16 offset=1 $out $offset)
      (local.set $out (i32.add $out 3))
      (local.set $length (i32.sub $length 60))))
  (if (i32.or (i32.ge_u $length 12) (i32.ge_u $offset 2048))
    (then
      (i32.store8 $out (i32.or (i32.shl (i32.sub $length 1) 2) 2))
      (i32.store16 offset=1 $out $offset)
      (return (i32.add $out 3))))
  (i32.store8 $out
    (i32.or (i32.shl (i32.shr_u $offset 8) 5) (i32.or (i32.shl (i32.sub $length 4) 2) 1)))
  (i32.store8 offset=1 $out $offset)
  (i32.add $out 2))

;; Compresses [from, to) as one snappy block at $out; the position behind it. Pieces of 64 KiB are compressed one by one.
(func $encode (export "snappyEncode")
  (param $hashes i32) (param $from i32) (param $to i32) (param $out i32) (result i32)
  (local $n $start $end $next $limit $shift $size $at $skip $candidate $hash $word $match $pending i32)
  (local $difference i64)
  (local.set $n (i32.sub $to $from))
  (block $prefix
    (loop $more
      (if (i32.lt_u $n 128)
        (then
          (i32.store8 $out $n)
          (local.set $out (i32.add $out 1))
          (br $prefix)))
      (i32.store8 $out (i32.or $n 128))
      (local.set $out (i32.add $out 1))
      (local.set $n (i32.shr_u $n 7))
      (br $more)))
  (local.set $start $from)
  (block $finished
    (loop $pieces
      (br_if $finished (i32.ge_u $start $to))
      (local.set $end (i32.add $start (select 65536 (i32.sub $to $start)
        (i32.gt_u (i32.sub $to $start) 65536))))
      (local.set $pending $start)
      (block $piece
        (br_if $piece (i32.lt_u (i32.sub $end $start) 16))
        ;; 1. A table about as large as the piece: clearing more costs more than it finds.
        (local.set $size 256)
        (local.set $shift 24)
        (loop $sizing
          (if (i32.and (i32.lt_u $size 4096) (i32.lt_u $size (i32.sub $end $start)))
            (then
              (local.set $size (i32.shl $size 1))
              (local.set $shift (i32.sub $shift 1))
              (br $sizing))))
        (memory.fill $hashes 0 (i32.shl $size 1))
        (local.set $limit (i32.sub $end 15))
        (local.set $at (i32.add $start 1))
        (local.set $word (i32.load $at))
        (loop $matches
          ;; 2. Look for four bytes seen before, in longer strides the longer nothing is found.
          (local.set $skip 32)
          (block $found
            (loop $search
              (local.set $hash (i32.add $hashes
                (i32.shl (i32.shr_u (i32.mul $word 0x1e35a7bd) $shift) 1)))
              (local.set $candidate (i32.add $start (i32.load16_u $hash)))
              (i32.store16 $hash (i32.sub $at $start))
              (br_if $found (i32.eq (i32.load $candidate) $word))
              (local.set $at (i32.add $at (i32.shr_u $skip 5)))
              (local.set $skip (i32.add $skip 1))
              (br_if $piece (i32.ge_u $at $limit))
              (local.set $word (i32.load $at))
              (br $search)))
          ;; 3. What lies between is literal.
          (if (i32.lt_u $pending $at)
            (then (local.set $out (call $literal $pending $at $out))))
          ;; 4. The match goes on as far as it holds.
          (local.set $match $at)
          (local.set $at (i32.add $at 4))
          (local.set $candidate (i32.add $candidate 4))
          (block $differs
            (loop $extend
              (if (i32.gt_u (i32.add $at 8) $end)
                (then
                  (loop $single
                    (br_if $differs (i32.ge_u $at $end))
                    (br_if $differs (i32.ne (i32.load8_u $at) (i32.load8_u $candidate)))
                    (local.set $at (i32.add $at 1))
                    (local.set $candidate (i32.add $candidate 1))
                    (br $single))))
              (local.set $difference (i64.xor (i64.load $at) (i64.load $candidate)))
              (if (i64.ne $difference (i64.const 0))
                (then
                  (local.set $n (i32.wrap_i64 (i64.shr_u (i64.ctz $difference) (i64.const 3))))
                  (local.set $at (i32.add $at $n))
                  (local.set $candidate (i32.add $candidate $n))
                  (br $differs)))
              (local.set $at (i32.add $at 8))
              (local.set $candidate (i32.add $candidate 8))
              (br $extend)))
          (local.set $out (call $copy $out (i32.sub $at $candidate) (i32.sub $at $match)))
          (local.set $pending $at)
          (br_if $piece (i32.ge_u $at $limit))
          ;; 5. The last byte of the match may begin the next one.
          (i32.store16
            (i32.add $hashes (i32.shl (i32.shr_u (i32.mul (i32.load (i32.sub $at 1)) 0x1e35a7bd) $shift) 1))
            (i32.sub (i32.sub $at 1) $start))
          (local.set $word (i32.load $at))
          (br $matches)))
      (if (i32.lt_u $pending $end)
        (then (local.set $out (call $literal $pending $end $out))))
      (local.set $start $end)
      (br $pieces)))
  $out)

;; Decompresses the elements in [from, to), behind the length, to [out, end). 0: done, else 1 + the position of the element that is wrong.
(func $decode (export "snappyDecode")
  (param $from i32) (param $to i32) (param $out i32) (param $end i32) (result i32)
  (local $begin $tag $size $offset $source $stop $element i32)
  (local.set $begin $out)
  (block $bad
    (block $done
      (loop $elements
        (br_if $done (i32.ge_u $from $to))
        (local.set $element $from)
        (local.set $tag (i32.load8_u $from))
        (local.set $from (i32.add $from 1))
        (local.set $size (i32.add (i32.shr_u $tag 2) 1))
        (if (i32.eqz (i32.and $tag 3))
          (then
            ;; A literal; the longer ones say their length in up to four bytes.
            (if (i32.gt_u $size 60)
              (then
                (local.set $offset (i32.sub $size 60))
                (br_if $bad (i32.gt_u $offset (i32.sub $to $from)))
                (local.set $size (i32.load $from))
                (if (i32.lt_u $offset 4)
                  (then (local.set $size (i32.and $size
                    (i32.sub (i32.shl 1 (i32.shl $offset 3)) 1)))))
                (local.set $from (i32.add $from $offset))
                (br_if $bad (i32.eq $size -1))
                (local.set $size (i32.add $size 1))))
            (br_if $bad (i32.gt_u $size (i32.sub $to $from)))
            (br_if $bad (i32.gt_u $size (i32.sub $end $out)))
            (local.set $stop (i32.add $out $size))
            (if (i32.gt_u $size 64)
              (then (memory.copy $out $from $size))
              (else
                (local.set $source $from)
                (loop $eight
                  (i64.store $out (i64.load $source))
                  (local.set $out (i32.add $out 8))
                  (local.set $source (i32.add $source 8))
                  (br_if $eight (i32.lt_u $out $stop)))))
            (local.set $from (i32.add $from $size))
            (local.set $out $stop)
            (br $elements)))
        (if (i32.eq (i32.and $tag 3) 1)
          (then
            (br_if $bad (i32.ge_u $from $to))
            (local.set $size (i32.add (i32.and (i32.shr_u $tag 2) 7) 4))
            (local.set $offset (i32.or (i32.shl (i32.shr_u $tag 5) 8) (i32.load8_u $from)))
            (local.set $from (i32.add $from 1)))
          (else
            (if (i32.eq (i32.and $tag 3) 2)
              (then
                (br_if $bad (i32.lt_u (i32.sub $to $from) 2))
                (local.set $offset (i32.load16_u $from))
                (local.set $from (i32.add $from 2)))
              (else
                (br_if $bad (i32.lt_u (i32.sub $to $from) 4))
                (local.set $offset (i32.load $from))
                (local.set $from (i32.add $from 4))))))
        (br_if $bad (i32.eqz $offset))
        (br_if $bad (i32.gt_u $offset (i32.sub $out $begin)))
        (br_if $bad (i32.gt_u $size (i32.sub $end $out)))
        (local.set $source (i32.sub $out $offset))
        (local.set $stop (i32.add $out $size))
        (if (i32.ge_u $offset 8)
          (then
            (loop $eight
              (i64.store $out (i64.load $source))
              (local.set $out (i32.add $out 8))
              (local.set $source (i32.add $source 8))
              (br_if $eight (i32.lt_u $out $stop)))
            (local.set $out $stop))
          (else
            ;; Source and target overlap: a short pattern is repeated.
            (loop $one
              (i32.store8 $out (i32.load8_u $source))
              (local.set $out (i32.add $out 1))
              (local.set $source (i32.add $source 1))
              (br_if $one (i32.lt_u $out $stop)))))
        (br $elements)))
    (if (i32.eq $out $end) (then (return 0)))
    (local.set $element $to))
  (i32.add $element 1))
`;
