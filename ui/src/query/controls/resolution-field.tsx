import { Group, NativeSelect, TextInput } from '@mantine/core';
import { formatDuration, parseDuration } from '../../format/duration.ts';
import { chooseStep } from '../graph/step.ts';
import { type Resolution } from '../panel-state.ts';
import { useTextDraft } from './text-draft.ts';

interface ResolutionFieldProps {
  readonly rangeMs: number;
  readonly resolution: Resolution;
  readonly onChange: (resolution: Resolution) => void;
}

/** How far two points are apart: by density, or a step of one's own. */
export function ResolutionField({ rangeMs, resolution, onChange }: ResolutionFieldProps) {
  const stepMs = chooseStep(rangeMs, resolution);
  const chosen = resolution.kind === 'fixed' ? 'fixed' : resolution.density;
  return (
    <Group gap={4} wrap="nowrap">
      <NativeSelect
        w={158}
        aria-label="Resolution"
        value={chosen}
        data={[
          { value: 'low', label: label('Low', rangeMs, 'low') },
          { value: 'medium', label: label('Medium', rangeMs, 'medium') },
          { value: 'high', label: label('High', rangeMs, 'high') },
          { value: 'fixed', label: 'Own step' },
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value === 'fixed') onChange({ kind: 'fixed', stepMs });
          else if (value === 'low' || value === 'medium' || value === 'high')
            onChange({ kind: 'auto', density: value });
        }}
      />
      {resolution.kind === 'fixed' && <StepField stepMs={resolution.stepMs} onChange={onChange} />}
    </Group>
  );
}

const label = (name: string, rangeMs: number, density: 'low' | 'medium' | 'high'): string =>
  `${name} (${formatDuration(chooseStep(rangeMs, { kind: 'auto', density }))})`;

function StepField({ stepMs, onChange }: { stepMs: number; onChange: (resolution: Resolution) => void }) {
  const draft = useTextDraft(formatDuration(stepMs), (text) => {
    const ms = parseDuration(text);
    if (ms === undefined || ms <= 0) return false;
    onChange({ kind: 'fixed', stepMs: ms });
    return true;
  });
  const parsed = parseDuration(draft.text);
  return (
    <TextInput
      w={76}
      aria-label="Step"
      value={draft.text}
      error={parsed === undefined || parsed <= 0}
      onChange={(event) => {
        draft.change(event.currentTarget.value);
      }}
      onBlur={draft.commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') draft.commit();
        if (event.key === 'Escape') draft.reset();
      }}
    />
  );
}
