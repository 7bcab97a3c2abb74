import { exitCodes } from '../outcome/exit-codes.ts';
import type { AddCommand } from './command.ts';

export const addDoctor: AddCommand = (program, cli) => {
  program
    .command('doctor')
    .summary('check the set-up of a service, and say how to mend it')
    .description(
      'Checks the service, its database, this machine and all that the service calls: one line each, with the remedy. Ends with 1 if something is broken.',
    )
    .option('--data <folder>', 'the data folder of the service; that of its settings unless set')
    .action(
      cli.action(async ({ data }: { data?: string }) => {
        // Loaded here, because other commands need neither the database nor the settings of the service.
        const [{ examine }, { linesOf, summaryOf }] = await Promise.all([
          import('../doctor/doctor.ts'),
          import('../doctor/lines.ts'),
        ]);
        const findings = await examine(cli.env, { ...cli.targetOptions, ...(data !== undefined && { data }) });
        const broken = findings.filter(({ status }) => status === 'failed');
        cli.output.answer(
          { ok: broken.length === 0, findings },
          {
            text: (answer, view) => linesOf(answer.findings, view),
            items: (answer) => answer.findings,
            ids: () => broken.map(({ check }) => check),
          },
        );
        if (cli.output.mode === 'text') cli.output.show(findings, summaryOf);
        return broken.length === 0 ? exitCodes.success : exitCodes.error;
      }),
    );
};
