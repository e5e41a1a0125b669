import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeAll, expect, it } from 'vitest';
import { setLanguage, startI18n } from '@/lib/i18n';
import { PickField } from './PickField';

beforeAll(async () => {
  await startI18n();
  await setLanguage('zh');
});

const fruit = [
  { value: 'a', label: '苹果', note: 'wx-apple' },
  { value: 'b', label: '香蕉' },
  { value: 'c', label: '樱桃' },
];

function Story({ own = false }: { own?: boolean }) {
  const [values, setValues] = useState<string[]>([]);
  return (
    <>
      <PickField label="水果" own={own} values={values} options={fruit} onChange={setValues} />
      <output>{values.join()}</output>
      <button type="button">下一个</button>
    </>
  );
}

it('is worked by the keyboard alone', async () => {
  const user = userEvent.setup();
  render(<Story />);
  const field = screen.getByRole('combobox', { name: '水果' });
  await user.click(field);
  expect(screen.getAllByRole('option')).toHaveLength(3);
  await user.keyboard('{ArrowDown}{Enter}');
  expect(screen.getByRole('status')).toHaveTextContent('b');
  await user.type(field, 'APPLE');
  expect(screen.getByRole('option')).toHaveTextContent('苹果');
  await user.keyboard('{Enter}');
  expect(screen.getByRole('status')).toHaveTextContent('b,a');
  await user.keyboard('{Backspace}');
  expect(screen.getByRole('status')).toHaveTextContent(/^b$/);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('option')).toBeNull();
  await user.click(screen.getByRole('button', { name: '移除 香蕉' }));
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
});

it('takes nothing that is not offered, unless it may', async () => {
  const user = userEvent.setup();
  const { unmount } = render(<Story />);
  await user.type(screen.getByRole('combobox'), '西瓜{Enter}');
  await user.click(screen.getByRole('button', { name: '下一个' }));
  expect(screen.getByRole('status')).toBeEmptyDOMElement();
  unmount();
  render(<Story own />);
  await user.type(screen.getByRole('combobox'), '西瓜{Enter}香');
  expect(screen.getByRole('option', { name: '添加“香”' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: '下一个' })); // what was typed is not lost
  expect(screen.getByRole('status')).toHaveTextContent('西瓜,香');
});
