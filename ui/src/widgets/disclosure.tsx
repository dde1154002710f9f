import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import classes from './disclosure.module.css';

interface DisclosureProps {
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly head: ReactNode;
  /** Right end of the head, outside the button: links, counts. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A card whose content can be folded away; folded content is not rendered. */
export function Disclosure({ isOpen, onToggle, head, aside, children }: DisclosureProps) {
  const id = useId();
  return (
    <section className={classes.card}>
      <div className={classes.bar}>
        <button
          type="button"
          className={classes.button}
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          onClick={onToggle}
        >
          <IconChevronRight size={16} className={classes.chevron} aria-hidden />
          {head}
        </button>
        {aside !== undefined && <div className={classes.aside}>{aside}</div>}
      </div>
      {isOpen && (
        <div id={id} className={classes.content}>
          {children}
        </div>
      )}
    </section>
  );
}
