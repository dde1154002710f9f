/** The tower: a watch house on four crossed legs. */
export function Logo(props: { size?: number }) {
  const size = props.size ?? 22;
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="6" fill="#2b5e9b" />
      <g fill="none" stroke="#fff" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
        <path d="M5.5 11.5 16 5l10.5 6.5" />
        <path d="M9.5 11.5v5h13v-5" />
        <path d="M7 16.5h18" />
        <path d="M11 16.5 8.5 27M21 16.5 23.5 27" />
        <path d="m10 21.5 12.2 3.2M22 21.5 9.8 24.7" strokeWidth="1.5" />
      </g>
    </svg>
  );
}
