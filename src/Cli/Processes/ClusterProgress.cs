using Spectre.Console;

namespace Winnow.Cli.Processes;

/// <summary>Tells a person how far a local cluster has come up.</summary>
internal abstract class ClusterProgress
{
    /// <summary>Says nothing.</summary>
    public static ClusterProgress Silent { get; } = new SilentProgress();

    /// <summary>A spinner on a terminal, plain lines elsewhere; on stderr either way.</summary>
    public static ClusterProgress Terminal => new TerminalProgress();

    /// <summary>Runs the start and shows its phases.</summary>
    public abstract Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> start);

    private sealed class SilentProgress : ClusterProgress
    {
        public override Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> start) => start(static _ => { });
    }

    private sealed class TerminalProgress : ClusterProgress
    {
        private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

        private static readonly TimeSpan FiguresEvery = TimeSpan.FromSeconds(2);
        private string _shown = "";
        private long _shownAt;

        public override Task<T> ShowAsync<T>(Func<Action<string>, Task<T>> start)
        {
            if (Console.IsErrorRedirected)
            {
                return start(WriteChanged);
            }
            return _console.Status().StartAsync("starting", context => start(phase => context.Status(Markup.Escape(phase))));
        }

        private static bool IsNoFigure(char character) => !char.IsAsciiDigit(character);

        private void WriteChanged(string phase)
        {
            // Where only figures change, a line now and then is enough.
            bool isNew = !phase.Where(IsNoFigure).SequenceEqual(_shown.Where(IsNoFigure)) || TimeProvider.System.GetElapsedTime(_shownAt) >= FiguresEvery;
            if (phase != _shown && isNew)
            {
                (_shown, _shownAt) = (phase, TimeProvider.System.GetTimestamp());
                Console.Error.WriteLine(phase);
            }
        }
    }
}
